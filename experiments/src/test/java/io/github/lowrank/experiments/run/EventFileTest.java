package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.Summary;

class EventFileTest {
  @TempDir Path folder;

  /** As TensorFlow's record format has it: {@code ((crc >> 15) | (crc << 17)) + 0xa282ead8}. */
  private static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    long value = crc.getValue();
    return (int) (((value >> 15 | value << 17) + 0xa282ead8L) & 0xffffffffL);
  }

  private static List<Event> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = Arrays.copyOfRange(bytes.array(), bytes.position(), bytes.position() + 8);
      int size = Math.toIntExact(bytes.getLong());
      assertThat(bytes.getInt()).isEqualTo(masked(length));
      byte[] data = new byte[size];
      bytes.get(data);
      assertThat(bytes.getInt()).isEqualTo(masked(data));
      events.add(Event.parseFrom(data));
    }
    return events;
  }

  @Test
  void theMaskIsTensorFlows() {
    // The check value of CRC-32C is e3069283; rotated right by 15 and 0xa282ead8 added.
    assertThat(masked("123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
        .isEqualTo((int) 0xc78ab0e5L);
  }

  @Test
  void holdsEveryEvaluationAsScalars() throws IOException {
    EventFile.write(
        folder,
        List.of(
            new Evaluation(0, Double.NaN, 0, Map.of("accuracy", 0.5)),
            new Evaluation(10, 0.75, 1e-3, Map.of("accuracy", 0.625)),
            new Evaluation(20, 0.25, 5e-4, Map.of("accuracy", 0.75))));
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .singleElement()
          .asString()
          .startsWith("events.out.tfevents.");
    }
    List<Event> events = read(folder.resolve("events.out.tfevents.0.lowrank"));
    assertThat(events).hasSize(4);
    assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
    assertThat(events.subList(1, 4).stream().map(Event::getStep)).containsExactly(0L, 10L, 20L);
    // Before the first step there is neither loss nor rate.
    assertThat(tags(events.get(1))).containsExactly("dev_accuracy=0.5");
    assertThat(tags(events.get(2)))
        .containsExactly("dev_accuracy=0.625", "loss=0.75", "rate=0.001");
    assertThat(tags(events.get(3)))
        .containsExactly("dev_accuracy=0.75", "loss=0.25", "rate=5.0E-4");
  }

  private static List<String> tags(Event event) {
    return event.getSummary().getValueList().stream()
        .map((Summary.Value v) -> v.getTag() + "=" + v.getSimpleValue())
        .toList();
  }
}

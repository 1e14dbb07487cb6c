package io.github.lowrank.experiments.run;

import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.train.Evaluation;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.Summary;

/** TensorBoard event files: TFRecords of {@link Event}s. */
final class EventFile {
  private EventFile() {}

  /**
   * Writes the history of a trial as scalars {@code dev_accuracy}, {@code loss} and {@code rate}.
   */
  static void write(Path directory, List<Evaluation> history) throws IOException {
    // Wall times of events are steps: two runs of one seed write equal files.
    AtomicFiles.file(
        directory.resolve("events.out.tfevents.0.lowrank"), part -> records(part, history));
  }

  private static void records(Path file, List<Evaluation> history) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      record(out, Event.newBuilder().setFileVersion("brain.Event:2").build());
      for (Evaluation e : history) {
        Summary.Builder summary = Summary.newBuilder();
        e.dev().forEach((name, value) -> value(summary, "dev_" + name, value));
        if (!Double.isNaN(e.loss())) {
          value(summary, "loss", e.loss());
          value(summary, "rate", e.rate());
        }
        record(
            out,
            Event.newBuilder().setWallTime(e.step()).setStep(e.step()).setSummary(summary).build());
      }
    }
  }

  private static void value(Summary.Builder summary, String tag, double value) {
    summary.addValue(Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value));
  }

  /** Length, its masked checksum, data, its masked checksum. */
  private static void record(OutputStream out, Event event) throws IOException {
    byte[] data = event.toByteArray();
    byte[] length =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    out.write(length);
    out.write(mask(length));
    out.write(data);
    out.write(mask(data));
  }

  private static byte[] mask(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(masked).array();
  }
}

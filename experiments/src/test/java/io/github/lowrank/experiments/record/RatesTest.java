package io.github.lowrank.experiments.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.experiments.record.Rates.Corner;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RatesTest {
  @TempDir Path folder;

  /** The rate of a step on the line between two corners. */
  private static double at(List<Corner> corners, long step) {
    for (int i = 1; i < corners.size(); i++) {
      Corner from = corners.get(i - 1);
      Corner to = corners.get(i);
      if (step <= to.step()) {
        double share = (step - from.step()) / (double) (to.step() - from.step());
        return from.rate() + share * (to.rate() - from.rate());
      }
    }
    return corners.get(0).rate();
  }

  @Test
  void everyStepOfEveryShapeIsKept() throws IOException {
    for (Shape shape : Shape.NAMED) {
      Schedule schedule = shape.schedule(0.3, 1601);
      double[] rates = new double[1601];
      Arrays.setAll(rates, schedule::rate);
      Rates.write(folder, Map.of("t", rates));
      List<Corner> corners = Rates.read(folder).get("t");
      assertThat(corners.size()).as(shape.name()).isLessThan(120);
      double most = Arrays.stream(rates).max().orElseThrow();
      for (int i = 0; i < rates.length; i++) {
        assertThat(at(corners, i + 1))
            .as("%s, step %d", shape.name(), i + 1)
            .isCloseTo(rates[i], within(1e-3 * most));
      }
    }
  }

  @Test
  void linesHaveTwoCornersAndJumpsAreSteep() {
    assertThat(Rates.corners(new double[] {1, 1, 1, 1}))
        .containsExactly(new Corner(1, 1), new Corner(4, 1));
    assertThat(Rates.corners(new double[] {0, 1, 2, 1, 0, 8, 8}))
        .containsExactly(
            new Corner(1, 0),
            new Corner(3, 2),
            new Corner(5, 0),
            new Corner(6, 8),
            new Corner(7, 8));
    assertThat(Rates.corners(new double[] {2})).containsExactly(new Corner(1, 2));
    assertThat(Rates.corners(new double[0])).isEmpty();
  }

  @Test
  void wrongFilesAreNamed() throws IOException {
    assertThat(Rates.read(folder)).isEmpty();
    Path file = folder.resolve(Rates.FILE);
    Files.writeString(file, "trial,step,rate\nt,2,0.1\nt,2,0.2\n");
    assertThatThrownBy(() -> Rates.read(folder))
        .hasMessageContaining("rates.csv, line 3: step: expected more than 2, found 2");
    Files.writeString(file, "trial,step,rate\nt,2,high\n");
    assertThatThrownBy(() -> Rates.read(folder))
        .hasMessageContaining("rate: expected a number, found 'high'");
  }
}

package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Values of Python: all n^n resamples by itertools.product, tails by scipy. */
class DatasetsTest {
  private static void assertInterval(Datasets datasets, double low, double high) {
    assertThat(datasets.interval()[0]).isCloseTo(low, within(1e-12));
    assertThat(datasets.interval()[1]).isCloseTo(high, within(1e-12));
  }

  @Test
  void theBootstrapEnumeratesAllResamples() {
    // Tails 0.00243180 of six data sets, 0.00410915 of seven.
    assertInterval(
        new Datasets(.01, -.004, .02, .013, .007, .002), -0.0006666666666666666, 0.1 / 6);
    assertInterval(new Datasets(-.02, -.004, -.013, -.007, -.009, -.001, -.03), -0.022, -0.029 / 7);
  }

  @Test
  void fewerThanSixDataSetsHaveStudentsInterval() {
    assertInterval(
        new Datasets(-.02, -.004, -.013, -.007, -.009),
        -0.018284285214245643,
        -0.0029157147857543564);
    assertInterval(new Datasets(.01, -.004, .02, .013), -0.006287708629749101, 0.0257877086297491);
    assertThat(new Datasets(0.5).interval()).containsOnly(Double.NaN);
  }

  private static Cell cell(String dataset, String model, double effect) {
    return new Cell(
        dataset, model, "r", "m", "o", 5, 100, effect, 0, 0, 0.5, 0.5, 0, 1, Cell.NOT_SHOWN);
  }

  @Test
  void runsThatShareTextsAreOneUnit() {
    Datasets datasets =
        Datasets.of(
            List.of(
                cell("sst2", "dan", 0.01),
                cell("sst2", "lstm", 0.03),
                cell("sst2-phrases", "dan", 0.05),
                cell("trec", "dan", -0.01),
                cell("trec-folds", "dan", -0.03)));
    assertThat(datasets.count()).isEqualTo(2);
    assertThat(datasets.effect().mean()).isCloseTo((0.03 - 0.02) / 2, within(1e-12));
  }
}

package io.github.lowrank.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The real files, where they are at hand. */
class CatalogueTest {
  private static final DataRoot ROOT =
      new DataRoot(Path.of(System.getProperty("lowrank.data", "")));

  static Stream<DatasetSource> datasets() {
    return Catalogue.datasets().stream();
  }

  static Stream<VectorSource> vectors() {
    return Catalogue.vectors().stream();
  }

  @ParameterizedTest
  @MethodSource("datasets")
  void loads(DatasetSource source) throws IOException {
    assumeTrue(
        source.files().stream().allMatch(ROOT::has),
        source.name() + " is not here: name its folder by -Dlowrank.data=DIR");
    Dataset data = source.load(ROOT);
    for (Split split : new Split[] {data.train(), data.dev(), data.test()}) {
      assertThat(split.size()).isGreaterThan(400);
      int[] labels = Read.all(split).labels();
      assertThat(Arrays.stream(labels).min().getAsInt()).isNotNegative();
      assertThat(Arrays.stream(labels).max().getAsInt()).isLessThan(data.labels().size());
    }
    assertThat(Arrays.stream(Read.all(data.train()).labels()).distinct().count())
        .isEqualTo(data.labels().size());
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void verifies(VectorSource source) throws IOException {
    assumeTrue(
        source.files().stream().allMatch(ROOT::has),
        source.name() + " is not here: name its folder by -Dlowrank.data=DIR");
    for (DataFile file : source.files()) {
      ROOT.verify(file);
      assertThat(ROOT.location(file)).isNotEmpty();
    }
  }

  @Test
  void wordNetHasItsKnownCounts() throws IOException {
    Dataset d = Catalogue.wordNetGlosses().load(ROOT);
    assertThat(d.train().size() + d.dev().size() + d.test().size()).isEqualTo(82192);
    assertThat(d.dev().size()).isBetween(8000, 8500);
    assertThat(d.test().size()).isBetween(8000, 8500);
    assertThat(d.labels()).hasSize(26);
    assertThat(Read.all(d.train()).texts()).noneMatch(t -> t.contains("\""));
  }

  @Test
  void namesAreUnique() {
    Set<String> names = new TreeSet<>();
    Catalogue.datasets().forEach(d -> assertThat(names.add(d.name())).isTrue());
    Catalogue.vectors().forEach(v -> assertThat(names.add(v.name())).isTrue());
  }
}

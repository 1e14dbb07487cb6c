package io.github.lowrank.experiments.cli;

import java.util.List;
import java.util.function.Function;

/** What other modules add to the command line. */
final class Services {
  /** The module that is not in the default build. */
  private static final String SPARK = "spark";

  private Services() {}

  /** The one of {@code services} that an option names. */
  static <T> T named(String option, String name, List<T> services, Function<T, String> names) {
    return services.stream()
        .filter(service -> names.apply(service).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    name.equals(SPARK)
                        ? option
                            + " spark: the module lowrank-spark is not here; in the folder of the sources, "
                            + "./lowrank with this option builds it and brings it along"
                        : "%s: expected one of %s or spark, found %s"
                            .formatted(
                                option,
                                String.join(", ", services.stream().map(names).toList()),
                                name)));
  }
}

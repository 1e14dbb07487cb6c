package io.github.lowrank.experiments.cli;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What other modules add to the command line. */
final class Services {
  /** The module that is not in the default build. */
  private static final String SPARK = "spark";

  private Services() {}

  /**
   * The service that an option names.
   *
   * @param known other names that the option takes
   */
  static <T> T named(
      String option, String name, List<String> known, List<T> services, Function<T, String> names) {
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
                        : "%s: expected one of %s, found %s"
                            .formatted(
                                option,
                                Stream.of(
                                        known.stream(),
                                        services.stream().map(names),
                                        Stream.of(SPARK))
                                    .flatMap(s -> s)
                                    .distinct()
                                    .collect(Collectors.joining(", ")),
                                name)));
  }
}

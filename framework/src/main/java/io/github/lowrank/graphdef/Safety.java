package io.github.lowrank.graphdef;

import java.io.IOException;
import java.nio.file.Path;

public final class Safety {
  private Safety() {}

  public static void check(Path model) throws IOException {}
}

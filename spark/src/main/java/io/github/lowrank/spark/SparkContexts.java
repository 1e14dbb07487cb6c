package io.github.lowrank.spark;

import java.io.IOException;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Opens Spark for a command: quiet, without a web page, with the class path of this process. */
final class SparkContexts {
  /** All cores of this machine. */
  private static final String EVERYTHING_HERE = "local[*]";

  private SparkContexts() {}

  /**
   * Opens Spark.
   *
   * @param master address of a cluster; empty: all cores of this machine
   */
  static JavaSparkContext open(String name, Optional<String> master) throws IOException {
    // What fails reaches the caller as an exception; Spark would print its stack trace as well.
    quiet("org.apache.spark", "off");
    quiet("org.apache.hadoop", "error");
    SparkConf conf =
        new SparkConf()
            .setAppName(name)
            .setMaster(master.orElse(EVERYTHING_HERE))
            .setIfMissing("spark.ui.enabled", "false")
            .setIfMissing("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    try {
      return new JavaSparkContext(conf);
    } catch (Exception e) { // SparkException is checked, but not declared
      throw new IOException(
          "Spark did not start on %s: %s".formatted(conf.get("spark.master"), e.getMessage()), e);
    } catch (IllegalAccessError | ExceptionInInitializerError e) {
      throw new IOException(
          "Spark needs --add-opens flags of Java, which ./lowrank passes on: " + e, e);
    }
  }

  private static void quiet(String packages, String level) {
    String property = "org.slf4j.simpleLogger.log." + packages;
    if (System.getProperty(property) == null) {
      System.setProperty(property, level);
    }
  }

  /** What a task threw, rather than what Spark says of it. */
  static IOException unwrapped(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io) {
        return io;
      }
    }
    return new IOException("Spark: " + failure.getMessage(), failure);
  }
}

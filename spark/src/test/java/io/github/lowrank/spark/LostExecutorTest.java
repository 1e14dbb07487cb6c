package io.github.lowrank.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.factorization.Factorization;
import io.github.lowrank.factorization.RankChoice;
import io.github.lowrank.text.VectorWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Two executors in processes of their own, one of which dies at work. */
@EnabledOnOs(OS.LINUX)
class LostExecutorTest {
  @TempDir Path folder;

  /** Java's own list of arguments ends after a page, which the class path fills. */
  private static boolean isExecutor(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
          .contains("\0--executor-id\0");
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  private static ProcessHandle executor() {
    return ProcessHandle.current()
        .descendants()
        .filter(LostExecutorTest::isExecutor)
        .findFirst()
        .orElseThrow();
  }

  private static String id(ProcessHandle executor) throws IOException {
    String[] arguments =
        Files.readString(Path.of("/proc/" + executor.pid() + "/cmdline")).split("\0", -1);
    return arguments[Arrays.asList(arguments).indexOf("--executor-id") + 1];
  }

  @Test
  void itsTasksAreComputedAgain() throws IOException, InterruptedException {
    Path table = Tables.write(folder.resolve("vectors.txt"), VectorWriter.Layout.TEXT);
    AtomicInteger lostTasks = new AtomicInteger();
    Path whole = folder.resolve("whole");
    Path lost = folder.resolve("lost");
    try (JavaSparkContext spark =
        SparkContexts.open("test", Optional.of("local-cluster[2,1,1024]"))) {
      SparkFactorization.factorize(
          spark, Tables.request(table, RankChoice.of(6), whole), (what, done, all) -> {});
      // Stopped, it takes a task and does not answer; then it dies with the task in its hands.
      ProcessHandle victim = executor();
      String id = id(victim);
      new ProcessBuilder("kill", "-STOP", Long.toString(victim.pid())).start().waitFor();
      spark
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart start) {
                  if (start.taskInfo().executorId().equals(id)) {
                    victim.destroyForcibly();
                  }
                }

                @Override
                public void onTaskEnd(SparkListenerTaskEnd end) {
                  if (end.reason() instanceof ExecutorLostFailure) {
                    lostTasks.incrementAndGet();
                  }
                }
              });
      Factorization card =
          SparkFactorization.factorize(
              spark, Tables.request(table, RankChoice.of(6), lost), (what, done, all) -> {});
      assertThat(card.words()).isEqualTo(Tables.WORDS);
    }
    assertThat(lostTasks.get()).isPositive();
    assertThat(Tables.rows(lost)).isEqualTo(Tables.rows(whole));
    assertThat(Files.readString(lost.resolve(Factorization.BASIS)))
        .isEqualTo(Files.readString(whole.resolve(Factorization.BASIS)));
  }
}

package io.github.lowrank.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.factorization.Factorization;
import io.github.lowrank.factorization.RankChoice;
import io.github.lowrank.text.VectorWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two executors in processes of their own, one of which dies at work. */
class LostExecutorTest {
  @TempDir Path folder;

  private static ProcessHandle executor(String id) {
    return ProcessHandle.current()
        .descendants()
        .filter(
            p ->
                p.info()
                    .arguments()
                    .map(
                        args ->
                            List.of(args).contains("--executor-id")
                                && args[List.of(args).indexOf("--executor-id") + 1].equals(id))
                    .orElse(false))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void itsTasksAreComputedAgain() throws IOException {
    Path table = Tables.write(folder.resolve("vectors.txt"), VectorWriter.Layout.TEXT);
    AtomicInteger removed = new AtomicInteger();
    AtomicReference<String> killed = new AtomicReference<>();
    Path whole = folder.resolve("whole");
    Path lost = folder.resolve("lost");
    try (JavaSparkContext spark =
        SparkContexts.open("test", Optional.of("local-cluster[2,1,1024]"))) {
      SparkFactorization.factorize(
          spark, Tables.request(table, RankChoice.of(6), whole), (what, done, all) -> {});
      spark
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart start) {
                  if (killed.compareAndSet(null, start.taskInfo().executorId())) {
                    executor(killed.get()).destroyForcibly();
                  }
                }

                @Override
                public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
                  removed.incrementAndGet();
                }
              });
      Factorization card =
          SparkFactorization.factorize(
              spark, Tables.request(table, RankChoice.of(6), lost), (what, done, all) -> {});
      assertThat(card.words()).isEqualTo(Tables.WORDS);
    }
    assertThat(killed.get()).isNotNull();
    assertThat(removed.get()).isPositive();
    assertThat(Tables.rows(lost)).isEqualTo(Tables.rows(whole));
    assertThat(Files.readString(lost.resolve(Factorization.BASIS)))
        .isEqualTo(Files.readString(whole.resolve(Factorization.BASIS)));
  }
}

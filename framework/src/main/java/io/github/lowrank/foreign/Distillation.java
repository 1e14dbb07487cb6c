package io.github.lowrank.foreign;

import io.github.lowrank.embedding.LowRank;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

final class Distillation {
  static List<LowRank> train(
      ModelGraph model,
      Path runnable,
      List<EmbeddingSite> sites,
      List<LowRank> factors,
      CompressionRequest.Retraining plan)
      throws IOException {
    throw new IOException("not yet");
  }
}

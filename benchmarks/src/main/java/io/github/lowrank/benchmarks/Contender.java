package io.github.lowrank.benchmarks;

import io.github.lowrank.experiments.bench.Benchmarks;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Lstm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Something that trains; in its own process it does a round for each line that it reads. */
enum Contender {
  /** This library, DAN. */
  LOWRANK_DAN("Lowrank") {
    @Override
    double secondsPerStep(int rows, int steps) throws IOException {
      return Benchmarks.train(
          Dan.ofPaper(), Benchmarks.dense(rows), Benchmarks.texts(4000, 1), steps);
    }
  },
  /** This library, LSTM. */
  LOWRANK_LSTM("Lowrank") {
    @Override
    double secondsPerStep(int rows, int steps) throws IOException {
      return Benchmarks.train(
          Lstm.ofPaper(), Benchmarks.dense(rows), Benchmarks.texts(4000, 1), steps);
    }
  },
  /** DJL with PyTorch, DAN, a custom block and Adam as its documentation shows. */
  DJL_DAN("DJL as documented") {
    @Override
    double secondsPerStep(int rows, int steps) {
      return Djl.trainBlock(rows, steps, false);
    }
  },
  /** DJL with PyTorch, LSTM block and Adam as its documentation shows. */
  DJL_LSTM("DJL as documented") {
    @Override
    double secondsPerStep(int rows, int steps) {
      return Djl.trainBlock(rows, steps, true);
    }
  },
  /**
   * PyTorch's kernels driven by hand through DJL: gradients and lazy Adam of touched rows alone.
   */
  TORCH_DAN("PyTorch by hand, sparse") {
    @Override
    double secondsPerStep(int rows, int steps) {
      return Djl.trainSparse(rows, steps, false);
    }
  },
  /** The same with PyTorch's LSTM kernel. */
  TORCH_LSTM("PyTorch by hand, sparse") {
    @Override
    double secondsPerStep(int rows, int steps) {
      return Djl.trainSparse(rows, steps, true);
    }
  };

  private final String title;

  Contender(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Trains anew and returns the seconds of a step, the first quarter left out. */
  abstract double secondsPerStep(int rows, int steps) throws IOException;

  /** Entry point of a contender's process. */
  public static void main(String[] args) throws IOException {
    Contender contender = valueOf(args[0]);
    int rows = Integer.parseInt(args[1]);
    int steps = Integer.parseInt(args[2]);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (in.readLine() != null) {
      System.out.println(Main.ANSWER + contender.secondsPerStep(rows, steps));
      System.out.flush();
    }
    System.exit(0);
  }
}

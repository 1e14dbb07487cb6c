package io.github.lowrank.experiments.cli;

import io.github.lowrank.model.Cnn;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Residual;
import java.util.List;

/** Encoders that {@code train} offers. */
enum Architecture {
  /** The paper's 30 and 25 units are few, and one layer is enough. */
  DAN(true) {
    @Override
    Layers usual(int classes) {
      return new Layers(this, classes > 25 ? 128 : 64, 0.3, 0);
    }

    @Override
    Encoder encoder(Layers layers) {
      return new Dan(List.of(layers.units()), layers.dropout(), layers.wordDropout());
    }
  },

  /** Filters over one to four words. */
  CNN(true) {
    @Override
    Layers usual(int classes) {
      Cnn usual = Cnn.usual();
      return new Layers(this, usual.filters(), usual.dropout(), usual.wordDropout());
    }

    @Override
    Encoder encoder(Layers layers) {
      return new Cnn(Cnn.usual().widths(), layers.units(), layers.dropout(), layers.wordDropout());
    }
  },

  /** The paper's. */
  LSTM(false) {
    @Override
    Layers usual(int classes) {
      Lstm paper = Lstm.ofPaper();
      return new Layers(this, paper.units(), paper.dropout(), 0);
    }

    @Override
    Encoder encoder(Layers layers) {
      return new Lstm(layers.units(), layers.dropout());
    }
  },

  /** The mean of word vectors and the head, no layer between. */
  LINEAR(true) {
    @Override
    Layers usual(int classes) {
      return new Layers(this, 0, 0.3, 0);
    }

    @Override
    Encoder encoder(Layers layers) {
      return new Dan(List.of(), layers.dropout(), layers.wordDropout());
    }
  },

  /** The mean of word vectors and a correction: for prototypes. */
  RESIDUAL(false) {
    @Override
    Layers usual(int classes) {
      return new Layers(this, 300, 0, 0);
    }

    @Override
    Encoder encoder(Layers layers) {
      return new Residual(layers.units(), layers.dropout());
    }
  };

  private final boolean dropsWords;

  Architecture(boolean dropsWords) {
    this.dropsWords = dropsWords;
  }

  /** Without any other wish. */
  abstract Layers usual(int classes);

  /** The encoder. */
  abstract Encoder encoder(Layers layers);

  /** Whether the order of words matters, so that pairs of words cannot be words of their own. */
  boolean ordered() {
    return !usual(2).encoder().pools();
  }

  /** Whether it has word dropout. */
  boolean dropsWords() {
    return dropsWords;
  }
}

package io.github.lowrank.benchmarks;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import io.github.lowrank.experiments.bench.Benchmarks;
import io.github.lowrank.text.EncodedTexts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The same models in DJL on PyTorch: d = 300, batch 50, Adam, masked mean, the same texts. */
final class Djl {
  private static final int DIMENSION = 300;
  private static final int UNITS = 150;
  private static final int CLASSES = 2;
  private static final int BATCH = 50;
  private static final float RATE = 1e-3f;

  private Djl() {}

  /** A batch: ids and weights of the masked mean, both {@code [batch, length]}, and labels. */
  private record Batch(long[] ids, float[] weights, int[] labels, int length) {}

  private static List<Batch> batches(int steps) {
    EncodedTexts texts = Benchmarks.texts(4000, 1);
    List<Batch> batches = new ArrayList<>();
    for (long epoch = 0; batches.size() < steps; epoch++) {
      for (int[] chosen : texts.epoch(BATCH, 1, epoch)) {
        int length = texts.longest(chosen);
        int[] padded = texts.padded(chosen);
        long[] ids = new long[padded.length];
        float[] weights = new float[padded.length];
        for (int i = 0; i < chosen.length; i++) {
          int words = texts.length(chosen[i]);
          for (int j = 0; j < length; j++) {
            ids[i * length + j] = padded[i * length + j];
            weights[i * length + j] = j < words ? 1f / words : 0;
          }
        }
        batches.add(new Batch(ids, weights, texts.labels(chosen), length));
      }
    }
    return batches;
  }

  /**
   * Embedding, masked mean (of LSTM outputs), layers: a block as DJL's documentation writes one.
   */
  private static final class Classifier extends AbstractBlock {
    private final Parameter table;
    private final Block lstm;
    private final List<Block> layers = new ArrayList<>();

    Classifier(int rows, boolean recurrent) {
      table =
          addParameter(
              Parameter.builder()
                  .setName("embedding")
                  .setType(Parameter.Type.WEIGHT)
                  .optShape(new Shape(rows, DIMENSION))
                  .build());
      lstm =
          recurrent
              ? addChildBlock(
                  "lstm",
                  LSTM.builder()
                      .setStateSize(UNITS)
                      .setNumLayers(1)
                      .optBatchFirst(true)
                      .optReturnState(false)
                      .build())
              : null;
      for (int units : recurrent ? new int[] {CLASSES} : new int[] {30, 25, CLASSES}) {
        layers.add(
            addChildBlock("linear" + layers.size(), Linear.builder().setUnits(units).build()));
      }
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store,
        NDList inputs,
        boolean training,
        PairList<String, Object> parameters) {
      NDArray ids = inputs.get(0);
      NDArray weight = store.getValue(table, ids.getDevice(), training);
      NDArray rows =
          ids.getNDArrayInternal().embedding(ids, weight, SparseFormat.DENSE).singletonOrThrow();
      if (lstm != null) {
        rows = lstm.forward(store, new NDList(rows), training).get(0);
      }
      NDArray x = inputs.get(1).expandDims(1).batchMatMul(rows).squeeze(1);
      for (int i = 0; i < layers.size(); i++) {
        x = layers.get(i).forward(store, new NDList(x), training).singletonOrThrow();
        if (i + 1 < layers.size()) {
          x = Activation.relu(x);
        }
      }
      return new NDList(x);
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
      int width = DIMENSION;
      if (lstm != null) {
        lstm.initialize(manager, type, new Shape(BATCH, 20, DIMENSION));
        width = UNITS;
      }
      for (Block layer : layers) {
        layer.initialize(manager, type, new Shape(BATCH, width));
        width =
            Math.toIntExact(layer.getOutputShapes(new Shape[] {new Shape(BATCH, width)})[0].get(1));
      }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return new Shape[] {new Shape(shapes[0].get(0), CLASSES)};
    }
  }

  static double trainBlock(int rows, int steps, boolean recurrent) {
    List<Batch> batches = batches(steps);
    try (Model model = Model.newInstance("benchmark", "PyTorch")) {
      model.setBlock(new Classifier(rows, recurrent));
      DefaultTrainingConfig config =
          new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
              .optOptimizer(Optimizer.adam().optLearningRateTracker(Tracker.fixed(RATE)).build());
      try (Trainer trainer = model.newTrainer(config)) {
        trainer.initialize(new Shape(BATCH, 20), new Shape(BATCH, 20));
        Clock clock = new Clock(steps);
        for (int s = 0; s < steps; s++) {
          Batch batch = batches.get(s);
          try (NDManager manager = trainer.getManager().newSubManager()) {
            Shape shape = new Shape(batch.labels.length, batch.length);
            NDList input =
                new NDList(manager.create(batch.ids, shape), manager.create(batch.weights, shape));
            NDList labels = new NDList(manager.create(batch.labels));
            try (GradientCollector collector = trainer.newGradientCollector()) {
              NDList scores = trainer.forward(input);
              NDArray loss = trainer.getLoss().evaluate(labels, scores);
              collector.backward(loss);
            }
            trainer.step();
          }
          clock.stepped(s + 1);
        }
        return clock.seconds();
      }
    }
  }

  /** The first quarter of the steps warms up. */
  private static final class Clock {
    private final int steps;
    private long start;
    private double seconds;

    Clock(int steps) {
      this.steps = steps;
    }

    void stepped(int step) {
      if (step == steps / 4) {
        start = System.nanoTime();
      } else if (step == steps) {
        seconds = (System.nanoTime() - start) / 1e9 / (steps - steps / 4);
      }
    }

    double seconds() {
      return seconds;
    }
  }

  /** A weight with its two moments. */
  private record Weight(NDArray value, NDArray mean, NDArray square) {
    static Weight of(NDManager manager, Shape shape, double limit) {
      NDArray value = manager.randomUniform((float) -limit, (float) limit, shape);
      return new Weight(value, manager.zeros(shape), manager.zeros(shape));
    }

    /** Adam's change by a gradient, given moments, which are updated in place. */
    private static NDArray change(NDArray m, NDArray v, NDArray g, int step) {
      m.muli(0.9f).addi(g.mul(0.1f));
      v.muli(0.999f).addi(g.square().mul(0.001f));
      double corrected = RATE * Math.sqrt(1 - Math.pow(0.999, step)) / (1 - Math.pow(0.9, step));
      return m.div(v.sqrt().addi(1e-8f)).muli((float) corrected);
    }

    void attach(NDManager manager) {
      value.attach(manager);
      mean.attach(manager);
      square.attach(manager);
    }

    void dense(int step) {
      NDArray gradient = value.getGradient();
      value.subi(change(mean, square, gradient, step));
      gradient.muli(0);
    }

    void sparse(NDArray rows, NDArray gradient, int step) {
      NDArray m = mean.get(rows);
      NDArray v = square.get(rows);
      NDArray change = change(m, v, gradient, step);
      NDArray now = value.get(rows).subi(change);
      NDIndex index = new NDIndex("{}", rows);
      mean.set(index, m);
      square.set(index, v);
      value.set(index, now);
    }
  }

  static double trainSparse(int rows, int steps, boolean recurrent) {
    List<Batch> batches = batches(steps);
    try (NDManager root = NDManager.newBaseManager(null, "PyTorch")) {
      Weight table = Weight.of(root, new Shape(rows, DIMENSION), 0.1);
      List<Weight> lstm = new ArrayList<>();
      if (recurrent) {
        lstm.add(Weight.of(root, new Shape(4 * UNITS, DIMENSION), 0.08));
        lstm.add(Weight.of(root, new Shape(4 * UNITS, UNITS), 0.08));
        lstm.add(Weight.of(root, new Shape(4 * UNITS), 0.08));
        lstm.add(Weight.of(root, new Shape(4 * UNITS), 0.08));
      }
      int[] sizes = recurrent ? new int[] {UNITS, CLASSES} : new int[] {DIMENSION, 30, 25, CLASSES};
      List<Weight> layers = new ArrayList<>();
      for (int i = 1; i < sizes.length; i++) {
        layers.add(
            Weight.of(
                root,
                new Shape(sizes[i - 1], sizes[i]),
                Math.sqrt(6.0 / (sizes[i - 1] + sizes[i]))));
        layers.add(Weight.of(root, new Shape(sizes[i]), 0.01));
      }
      List<Weight> dense = new ArrayList<>(lstm);
      dense.addAll(layers);
      dense.forEach(w -> w.value.setRequiresGradient(true));
      Clock clock = new Clock(steps);
      for (int s = 0; s < steps; s++) {
        Batch batch = batches.get(s);
        Map<Long, Integer> distinct = new LinkedHashMap<>();
        long[] inverse = new long[batch.ids.length];
        for (int i = 0; i < inverse.length; i++) {
          inverse[i] = distinct.computeIfAbsent(batch.ids[i], id -> distinct.size());
        }
        try (NDManager manager = root.newSubManager()) {
          NDArray unique = manager.create(distinct.keySet().stream().mapToLong(id -> id).toArray());
          int n = batch.labels.length;
          // Results belong to the manager of their first operand, and go with it.
          table.attach(manager);
          dense.forEach(w -> w.attach(manager));
          NDArray touched = table.value.get(unique);
          touched.setRequiresGradient(true);
          try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray x =
                touched.get(manager.create(inverse)).reshape(new Shape(n, batch.length, DIMENSION));
            if (recurrent) {
              NDArray zero = manager.zeros(new Shape(1, n, UNITS));
              NDList weights = new NDList();
              lstm.forEach(w -> weights.add(w.value));
              x =
                  x.getNDArrayInternal()
                      .lstm(x, new NDList(zero, zero), weights, true, 1, 0, true, false, true)
                      .get(0);
            }
            NDArray weights = manager.create(batch.weights, new Shape(n, 1, batch.length));
            NDArray h = weights.batchMatMul(x).squeeze(1);
            for (int i = 0; i < layers.size(); i += 2) {
              h = h.matMul(layers.get(i).value).add(layers.get(i + 1).value);
              if (i + 2 < layers.size()) {
                h = Activation.relu(h);
              }
            }
            NDArray loss =
                Loss.softmaxCrossEntropyLoss()
                    .evaluate(new NDList(manager.create(batch.labels)), new NDList(h));
            collector.backward(loss);
          }
          table.sparse(unique, touched.getGradient(), s + 1);
          for (Weight w : dense) {
            w.dense(s + 1);
          }
          table.attach(root);
          dense.forEach(w -> w.attach(root));
        }
        clock.stepped(s + 1);
      }
      return clock.seconds();
    }
  }
}

package io.github.lowrank.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/** The variables of one graph, with the ops that set, read and save them. */
public final class Variables {
  private final Ops tf;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private final Map<Variable, Float> slots = new LinkedHashMap<>();

  private final List<Op> copies = new ArrayList<>();

  private final Map<Object, String> constants = new IdentityHashMap<>();

  private record Entry(Variable variable, Placeholder<?> input, Op assign, Operand<?> read) {}

  /** No variables yet, in the graph of {@code tf}. */
  public Variables(Ops tf) {
    this.tf = tf;
  }

  /**
   * Adds a variable.
   *
   * @param name unique in the graph, without slashes
   */
  public Variable create(String name, Shape shape, Class<? extends TType> type) {
    if (entries.containsKey(name)) {
      throw new IllegalArgumentException("two variables are named " + name);
    }
    Variable variable = Variable.create(tf, name, shape, type);
    Placeholder<?> input = tf.withName(name + "_value").placeholder(type, Placeholder.shape(shape));
    entries.put(
        name,
        new Entry(
            variable,
            input,
            tf.withName(name + "_assign").assignVariableOp(variable.handle(), input),
            tf.withName(name + "_read").readVariableOp(variable.handle(), type)));
    return variable;
  }

  /**
   * A float variable that optimizers keep beside a weight, the same one at every call.
   *
   * @param initial its first value, everywhere
   */
  public Variable slot(Variable owner, String suffix, Shape shape, float initial) {
    Entry known = entries.get(owner.name() + suffix);
    if (known != null) {
      return known.variable();
    }
    Variable slot = create(owner.name() + suffix, shape, TFloat32.class);
    slots.put(slot, initial);
    return slot;
  }

  /** A slot that begins as a copy of its owner, once {@link #copy} has been called. */
  public Variable copied(Variable owner, String suffix) {
    Entry known = entries.get(owner.name() + suffix);
    if (known != null) {
      return known.variable();
    }
    Variable slot = create(owner.name() + suffix, owner.shape(), TFloat32.class);
    copies.add(slot.assign(tf, owner.read(tf)));
    return slot;
  }

  /** Sets the slots of {@link #copied} to the values that their owners have now. */
  public void copy(Session session) {
    if (!copies.isEmpty()) {
      Session.Runner runner = Sessions.caller(session);
      copies.forEach(runner::addTarget);
      runner.run().close();
    }
  }

  /**
   * Sets variables in one run of a session. Each kind of run is pruned, placed and optimised anew
   * when it first comes, which for one run a variable takes longer than many trainings.
   */
  public final class Assignment implements AutoCloseable {
    private final Session.Runner runner;
    private final List<Tensor> values = new ArrayList<>();
    private final Map<Object, String> names = new IdentityHashMap<>();

    private Assignment(Session session) {
      this.runner = Sessions.caller(session);
    }

    private Assignment set(Variable variable, Tensor value) {
      Entry entry = entries.get(variable.name());
      values.add(value);
      runner.feed(entry.input(), value).addTarget(entry.assign());
      return this;
    }

    /** Sets a float variable. */
    public Assignment set(Variable variable, float[] numbers) {
      names.put(numbers, variable.name());
      return set(variable, TFloat32.tensorOf(variable.shape(), DataBuffers.of(numbers)));
    }

    /** Sets a double variable. */
    public Assignment set(Variable variable, double[] numbers) {
      return set(variable, TFloat64.tensorOf(variable.shape(), DataBuffers.of(numbers)));
    }

    /** Sets a byte variable. */
    public Assignment set(Variable variable, byte[] bytes) {
      names.put(bytes, variable.name());
      return set(variable, TUint8.tensorOf(variable.shape(), DataBuffers.of(bytes)));
    }

    /** Sets an int64 scalar. */
    public Assignment set(Variable variable, long number) {
      return set(variable, TInt64.scalarOf(number));
    }

    /** Sets all slots to their first values. */
    public Assignment slots() {
      // Fed like the rest: what is fed becomes the variable's own memory, but TensorFlow keeps a
      // copy of what a Fill in the graph would give.
      slots.forEach((slot, initial) -> set(slot, filled(slot.shape(), initial)));
      return this;
    }

    /**
     * The name of the variable or constant that an array was given to: this very array, not an
     * equal one.
     */
    public Optional<String> nameOf(Object array) {
      return Optional.ofNullable(names.getOrDefault(array, constants.get(array)));
    }

    /** Sets all that was said. */
    public void run() {
      if (!values.isEmpty()) {
        runner.run().close();
      }
    }

    /** Frees the values. */
    @Override
    public void close() {
      values.forEach(Tensor::close);
    }
  }

  private static TFloat32 filled(Shape shape, float value) {
    TFloat32 tensor = TFloat32.tensorOf(shape);
    FloatDataBuffer numbers = tensor.asRawTensor().data().asFloats();
    float[] some = new float[(int) Math.min(numbers.size(), 1 << 16)];
    Arrays.fill(some, value);
    for (long i = 0; i < numbers.size(); i += some.length) {
      numbers.offset(i).write(some, 0, (int) Math.min(some.length, numbers.size() - i));
    }
    return tensor;
  }

  /**
   * Bytes that never change.
   *
   * @param name unique in the graph, without slashes
   */
  public Operand<TUint8> constant(String name, byte[] bytes, Shape shape) {
    constants.put(bytes, name);
    try (TUint8 tensor = TUint8.tensorOf(shape, DataBuffers.of(bytes))) {
      return tf.withName(name).constantOf(tensor);
    }
  }

  /** Nothing set yet. */
  public Assignment assignment(Session session) {
    return new Assignment(session);
  }

  /** All, in the order of creation. */
  public Collection<Variable> all() {
    List<Variable> all = new ArrayList<>();
    entries.values().forEach(e -> all.add(e.variable()));
    return Collections.unmodifiableList(all);
  }

  /** Sets a float variable alone. */
  public void assign(Session session, Variable variable, float[] values) {
    try (Assignment assignment = assignment(session)) {
      assignment.set(variable, values).run();
    }
  }

  /** The values of a float variable. */
  public float[] floats(Session session, Variable variable) {
    return floats(session, List.of(variable)).get(variable);
  }

  /** The values of several float variables, read at once, in their order. */
  public Map<Variable, float[]> floats(Session session, List<Variable> variables) {
    Map<Variable, float[]> all = new LinkedHashMap<>();
    if (variables.isEmpty()) {
      return all;
    }
    Session.Runner runner = Sessions.caller(session);
    variables.forEach(v -> runner.fetch(entries.get(v.name()).read()));
    try (var result = runner.run()) {
      for (int i = 0; i < variables.size(); i++) {
        float[] values = new float[Math.toIntExact(variables.get(i).size())];
        ((TFloat32) result.get(i)).copyTo(DataBuffers.of(values));
        all.put(variables.get(i), values);
      }
    }
    return all;
  }

  /** The values of a double variable. */
  public double[] doubles(Session session, Variable variable) {
    double[] values = new double[Math.toIntExact(variable.size())];
    try (var result = Sessions.caller(session).fetch(entries.get(variable.name()).read()).run()) {
      ((TFloat64) result.get(0)).copyTo(DataBuffers.of(values));
    }
    return values;
  }

  /** The graph's read ops by variable name, as checkpoints save them. */
  public Map<String, Operand<?>> reads() {
    Map<String, Operand<?>> reads = new LinkedHashMap<>();
    entries.forEach((name, entry) -> reads.put(name, entry.read()));
    return reads;
  }
}

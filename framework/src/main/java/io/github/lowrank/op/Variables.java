package io.github.lowrank.op;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/** The variables of one graph, with the ops that set, read and save them. */
public final class Variables {
  private final Ops tf;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private final List<Op> slotInitializers = new ArrayList<>();

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
   * Adds a float variable of the shape of {@code owner}, as optimizers keep beside a weight.
   *
   * @param initial its first value, everywhere
   */
  public Variable slot(Variable owner, String suffix, float initial) {
    Variable slot = create(owner.name() + suffix, owner.shape(), TFloat32.class);
    slotInitializers.add(
        tf.assignVariableOp(
            slot.handle(), tf.fill(tf.constant(owner.shape()), tf.constant(initial))));
    return slot;
  }

  /** Sets all slots to their first values. */
  public void initializeSlots(Session session) {
    if (!slotInitializers.isEmpty()) {
      Session.Runner runner = session.runner();
      slotInitializers.forEach(runner::addTarget);
      runner.run().close();
    }
  }

  /** All, in the order of creation. */
  public Collection<Variable> all() {
    List<Variable> all = new ArrayList<>();
    entries.values().forEach(e -> all.add(e.variable()));
    return Collections.unmodifiableList(all);
  }

  /** Sets a variable to {@code value}. */
  public void assign(Session session, Variable variable, Tensor value) {
    Entry entry = entries.get(variable.name());
    session.runner().feed(entry.input(), value).addTarget(entry.assign()).run().close();
  }

  /** Sets a float variable. */
  public void assign(Session session, Variable variable, float[] values) {
    try (TFloat32 value = TFloat32.tensorOf(variable.shape(), DataBuffers.of(values))) {
      assign(session, variable, value);
    }
  }

  /** Sets an int64 scalar. */
  public void assign(Session session, Variable variable, long number) {
    try (TInt64 value = TInt64.scalarOf(number)) {
      assign(session, variable, value);
    }
  }

  /** Sets a byte variable. */
  public void assign(Session session, Variable variable, byte[] values) {
    try (TUint8 value = TUint8.tensorOf(variable.shape(), DataBuffers.of(values))) {
      assign(session, variable, value);
    }
  }

  /** The values of a float variable. */
  public float[] floats(Session session, Variable variable) {
    float[] values = new float[Math.toIntExact(variable.size())];
    try (var result = session.runner().fetch(entries.get(variable.name()).read()).run()) {
      ((TFloat32) result.get(0)).copyTo(DataBuffers.of(values));
    }
    return values;
  }

  /** The value of an int64 scalar. */
  public long number(Session session, Variable variable) {
    try (var result = session.runner().fetch(entries.get(variable.name()).read()).run()) {
      return ((TInt64) result.get(0)).getLong();
    }
  }

  /** The graph's read ops by variable name, as checkpoints save them. */
  public Map<String, Operand<?>> reads() {
    Map<String, Operand<?>> reads = new LinkedHashMap<>();
    entries.forEach((name, entry) -> reads.put(name, entry.read()));
    return reads;
  }
}

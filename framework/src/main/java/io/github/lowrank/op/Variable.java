package io.github.lowrank.op;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * A resource variable of a graph. Made by {@link Variables#create}, which gives it its name.
 *
 * @param name the name in the graph and in checkpoints
 * @param handle the resource
 * @param shape static shape
 * @param type element type
 */
public record Variable(
    String name, Operand<? extends TType> handle, Shape shape, Class<? extends TType> type) {

  static Variable create(Ops tf, String name, Shape shape, Class<? extends TType> type) {
    // Without a shared name all variables of a process would be one.
    return new Variable(
        name,
        tf.withName(name).varHandleOp(type, shape, VarHandleOp.sharedName(name)),
        shape,
        type);
  }

  /** The value. Reading a table next to sparse updates copies it whole: gather rows instead. */
  public Operand<TFloat32> read(Ops tf) {
    return tf.readVariableOp(handle, TFloat32.class);
  }

  /** The value behind a handle that somebody else made. */
  public static Operand<TFloat32> read(Ops tf, Operand<? extends TType> handle) {
    return tf.readVariableOp(handle, TFloat32.class);
  }

  /** The value of an int64 variable. */
  public Operand<TInt64> readLong(Ops tf) {
    return tf.readVariableOp(handle, TInt64.class);
  }

  /** The value of a double variable. */
  public Operand<TFloat64> readDouble(Ops tf) {
    return tf.readVariableOp(handle, TFloat64.class);
  }

  /** {@code this += delta} for an int64 variable. */
  public Op add(Ops tf, long delta) {
    return tf.assignAddVariableOp(handle, tf.constant(delta));
  }

  /** {@code this = value}. */
  public Op assign(Ops tf, Operand<? extends TType> value) {
    return tf.assignVariableOp(handle, value);
  }

  /** Rows {@code ids} of a float variable, without a gradient. */
  public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
    return tf.resourceGather(handle, ids, TFloat32.class);
  }

  /** Rows {@code ids} of a byte variable. */
  public Operand<TUint8> byteRows(Ops tf, Operand<TInt32> ids) {
    return tf.resourceGather(handle, ids, TUint8.class);
  }

  /** {@code this[ids] -= delta} for distinct {@code ids}. */
  public Op subtractRows(Ops tf, Operand<TInt32> ids, Operand<TFloat32> delta) {
    return tf.resourceScatterSub(handle, ids, delta);
  }

  /** {@code this[ids] += delta} for distinct {@code ids}. */
  public Op addRows(Ops tf, Operand<TInt32> ids, Operand<TFloat32> delta) {
    return tf.resourceScatterAdd(handle, ids, delta);
  }

  /** {@code this[ids] = rows} for distinct {@code ids}. */
  public Op assignRows(Ops tf, Operand<TInt32> ids, Operand<TFloat32> rows) {
    return tf.resourceScatterUpdate(handle, ids, rows);
  }

  /** Number of elements. */
  public long size() {
    return shape.size();
  }
}

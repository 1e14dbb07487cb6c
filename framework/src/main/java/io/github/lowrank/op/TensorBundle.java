package io.github.lowrank.op;

import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * Named arrays in a file of TensorFlow's checkpoint format, in a folder of its own that appears
 * only when complete.
 */
public final class TensorBundle {
  private static final String PREFIX = "bundle";

  private final Map<String, Object> arrays = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new LinkedHashMap<>();

  /** Adds an array: {@code float[]}, {@code double[]}, {@code long[]} or {@code byte[]}. */
  public TensorBundle put(String name, Object array, long... shape) {
    arrays.put(name, array);
    shapes.put(name, Shape.of(shape));
    return this;
  }

  /** Writes the arrays to folder {@code directory}, replacing it at once. */
  public void save(Path directory) throws IOException {
    AtomicFiles.folder(directory, this::write);
  }

  private void write(Path directory) {
    List<Tensor> tensors = new ArrayList<>();
    try (EagerSession session = EagerSession.create()) {
      Ops tf = Ops.create(session);
      List<Operand<? extends TType>> values = new ArrayList<>();
      String[] names = arrays.keySet().toArray(new String[0]);
      for (String name : names) {
        TType tensor = tensor(arrays.get(name), shapes.get(name));
        tensors.add(tensor);
        values.add(tf.constantOf(tensor));
      }
      tf.train.save(
          tf.constant(directory.resolve(PREFIX).toString()),
          tf.array(names),
          tf.array(Stream.of(names).map(n -> "").toArray(String[]::new)),
          new ArrayList<Operand<?>>(values));
    } finally {
      tensors.forEach(Tensor::close);
    }
  }

  private static TType tensor(Object array, Shape shape) {
    if (array instanceof float[] floats) {
      return TFloat32.tensorOf(shape, DataBuffers.of(floats));
    } else if (array instanceof double[] doubles) {
      return TFloat64.tensorOf(shape, DataBuffers.of(doubles));
    } else if (array instanceof long[] longs) {
      return TInt64.tensorOf(shape, DataBuffers.of(longs));
    } else if (array instanceof byte[] bytes) {
      return TUint8.tensorOf(shape, DataBuffers.of(bytes));
    }
    throw new IllegalArgumentException("cannot save a " + array.getClass());
  }

  /**
   * Opens the bundle in folder {@code directory}.
   *
   * @throws IOException if there is none
   */
  public static Loaded load(Path directory) throws IOException {
    if (!Files.exists(directory.resolve(PREFIX + ".index"))) {
      throw new IOException(directory + " holds no checkpoint");
    }
    return new Loaded(directory.resolve(PREFIX).toString());
  }

  /** A bundle on disk. */
  public static final class Loaded {
    private final String prefix;

    private Loaded(String prefix) {
      this.prefix = prefix;
    }

    private <T extends TType> T restore(EagerSession session, String name, Class<T> type) {
      Ops tf = Ops.create(session);
      return type.cast(
          tf.train
              .restore(tf.constant(prefix), tf.array(name), tf.array(""), List.of(type))
              .tensors()
              .get(0)
              .asTensor());
    }

    /** Floats, row after row. */
    public float[] floats(String name) {
      try (EagerSession session = EagerSession.create()) {
        TFloat32 tensor = restore(session, name, TFloat32.class);
        float[] values = new float[Math.toIntExact(tensor.size())];
        tensor.copyTo(DataBuffers.of(values));
        return values;
      }
    }

    /** Doubles. */
    public double[] doubles(String name) {
      try (EagerSession session = EagerSession.create()) {
        TFloat64 tensor = restore(session, name, TFloat64.class);
        double[] values = new double[Math.toIntExact(tensor.size())];
        tensor.copyTo(DataBuffers.of(values));
        return values;
      }
    }

    /** Longs. */
    public long[] longs(String name) {
      try (EagerSession session = EagerSession.create()) {
        TInt64 tensor = restore(session, name, TInt64.class);
        long[] values = new long[Math.toIntExact(tensor.size())];
        tensor.copyTo(DataBuffers.of(values));
        return values;
      }
    }

    /** Bytes. */
    public byte[] bytes(String name) {
      try (EagerSession session = EagerSession.create()) {
        TUint8 tensor = restore(session, name, TUint8.class);
        byte[] values = new byte[Math.toIntExact(tensor.size())];
        tensor.copyTo(DataBuffers.of(values));
        return values;
      }
    }
  }
}

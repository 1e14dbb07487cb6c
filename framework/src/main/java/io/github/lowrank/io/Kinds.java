package io.github.lowrank.io;

import java.util.List;

/**
 * Classes that files may refer to by name: forms of a table, encoders, heads, optimizers,
 * schedules, steps.
 *
 * <p>An interface that is open to such classes has {@code @JsonTypeInfo}; a class that implements
 * it states its name in files by {@code @JsonTypeName}. A library announces its classes through a
 * class that implements this interface and is listed in {@code
 * META-INF/services/io.github.lowrank.io.Kinds}. So files contain the names of kinds, never those
 * of classes.
 */
public interface Kinds {
  /** The classes. */
  List<Class<?>> kinds();
}

package io.github.lowrank.io;

import java.util.List;

/**
 * Classes that files may name: forms of a table, encoders, heads, optimizers, schedules, steps.
 *
 * <p>An interface that is open to such classes has {@code @JsonTypeInfo}; a class that implements
 * it says by {@code @JsonTypeName} what files call it. A library announces its own by a class that
 * implements this interface and has its name in {@code
 * META-INF/services/io.github.lowrank.io.Kinds}: so files hold names of kinds, never of classes.
 */
public interface Kinds {
  /** The classes. */
  List<Class<?>> kinds();
}

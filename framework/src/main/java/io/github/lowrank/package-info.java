/**
 * The names of the framework's own classes in files.
 *
 * <p>Forbidden: everything else; no room depends on this one.
 */
package io.github.lowrank;

/**
 * Files: replaced whole, locked, summed, and values with their arrays in one file.
 *
 * <p>Forbidden: TensorFlow, and every other room.
 */
package io.github.lowrank.io;

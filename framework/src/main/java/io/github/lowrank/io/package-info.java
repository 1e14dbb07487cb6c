/**
 * Files: atomic replacement, locks, checksums, and records with their arrays in one file.
 *
 * <p>Forbidden: TensorFlow, and every other room.
 */
package io.github.lowrank.io;

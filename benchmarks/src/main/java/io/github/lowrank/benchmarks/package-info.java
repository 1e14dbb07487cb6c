/**
 * Benchmarks against other libraries, each in a process of its own, so that their native libraries
 * and thread pools do not meet; rounds are interleaved.
 */
package io.github.lowrank.benchmarks;

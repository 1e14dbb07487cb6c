/** The training loop, its listeners and checkpoints, and scoring. */
package io.github.lowrank.train;

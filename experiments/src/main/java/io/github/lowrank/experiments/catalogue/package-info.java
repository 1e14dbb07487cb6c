/** The experiments that there are, a small class each. */
package io.github.lowrank.experiments.catalogue;

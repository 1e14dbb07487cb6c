/** Experiments as data: data set, vectors, model, methods as lists of stages, plan, seeds. */
package io.github.lowrank.experiments;

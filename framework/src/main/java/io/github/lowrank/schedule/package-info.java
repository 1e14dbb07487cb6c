/** Learning rates as pure functions of the step, each with its twin in the graph. */
package io.github.lowrank.schedule;

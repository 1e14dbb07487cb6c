/** Update rules on resource variables, dense and sparse. */
package io.github.lowrank.optimizer;

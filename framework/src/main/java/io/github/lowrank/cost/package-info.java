/** Parameters, bytes and operations of a classifier, counted from its shapes. */
package io.github.lowrank.cost;

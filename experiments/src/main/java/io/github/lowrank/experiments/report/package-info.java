/** Rows, statistics, tables, figures and reports. Reads what runs stored; runs nothing. */
package io.github.lowrank.experiments.report;

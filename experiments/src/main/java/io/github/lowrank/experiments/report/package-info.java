/**
 * Statistics, tables, figures and reports, made of what runs left behind.
 *
 * <p>Forbidden: running anything, and every room but {@code record}, {@code io} and the record
 * {@code train.Evaluation}. No class here knows the list of methods or parameters: columns and
 * legends are those of the rows. The claims alone know the methods and runs that they are about.
 */
package io.github.lowrank.experiments.report;

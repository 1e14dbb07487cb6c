/**
 * Tokenizers, vocabularies, pretrained vectors, and texts as row numbers.
 *
 * <p>Forbidden: tables in their compressed forms, models, data sets.
 */
package io.github.lowrank.text;

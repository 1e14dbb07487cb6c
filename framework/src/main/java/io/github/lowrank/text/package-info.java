/** From raw text to row numbers: tokenizing, vocabulary, pretrained vectors, batches. */
package io.github.lowrank.text;

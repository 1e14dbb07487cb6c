package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.spec.TrialSpec;
import java.util.List;

/**
 * A unit of work that one process executes, as data: trials that share their first steps.
 *
 * @param name unique among the tasks of a run
 * @param experiment name of the experiment, for rows
 * @param search whether only the dev accuracy is needed: no model, no test
 * @param trials the trials, in order
 */
public record Task(String name, String experiment, boolean search, List<TrialSpec> trials) {}

package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.spec.TrialSpec;
import java.util.List;

/**
 * A piece of a run that one process does, as data: trials that share their first steps.
 *
 * @param name unique among the tasks of a run
 * @param experiment that the rows name
 * @param search whether only the dev accuracy is asked for: no model, no test
 * @param trials one after the other
 */
public record Task(String name, String experiment, boolean search, List<TrialSpec> trials) {}

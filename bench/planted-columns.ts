import type { Measure, StageInfo } from '../src/core/index.ts';
import type { MeasureFindings } from '../src/findings/index.ts';
import { judgedMeasures } from '../src/findings/judged-measures.ts';
import type { MeasureSettings } from '../src/findings/measure-views.ts';
import { RATING, type RatingColumn } from '../src/findings/rating-column.ts';
import { describeStages, planStages } from '../src/findings/stage-chain.ts';
import { plantedManifest } from '../src/findings/testing/planted-run.ts';
import { placesOfRuns } from '../src/findings/training-runs.ts';
import { type EvalTable, firstCell, TRIAL } from '../src/findings/trial-table.ts';

interface Planted {
  readonly stages: readonly (Partial<StageInfo> & { readonly id: string })[];
  readonly measures: readonly Measure[];
  readonly samples: number;
  readonly clusters: number;
}

/** A value for every trial of a stage, by its number in the study; NaN for an answer that is lost. */
export type ValueOf = (stage: number, sample: number, measure: number) => number;

/**
 * The findings of many planted runs of one shape: all rules of the whole answer, without the records. What does not change from
 * one run to the next is made once. Sample i is in cluster i mod the number of clusters.
 */
export function findingsOfPlanted(planted: Planted): (valueAt: ValueOf) => MeasureFindings[] {
  const manifest = plantedManifest(planted);
  const { samples, clusters, measures } = planted;
  const { places, runs } = placesOfRuns(manifest.stages);
  const epochs = Math.max(...runs);
  const cells = manifest.stages.length * samples * epochs;
  const table: EvalTable = {
    info: manifest.evals[0]!,
    samples: Array.from({ length: samples }, (_, sample) => `s${sample}`),
    clusters: Int32Array.from({ length: samples }, (_, sample) => sample % clusters),
    clusterNames: Array.from({ length: clusters }, (_, cluster) => `c${cluster}`),
    ...{ epochs, runEpochs: 1, runs, stages: manifest.stages.length, cells },
    plannedEpochs: manifest.stages.map(() => 1),
    status: new Uint8Array(cells),
    sampleDigests: new Int32Array(cells),
    samplingDigests: new Int32Array(cells),
    signs: new Uint8Array(cells),
    mixtures: manifest.stages.map(() => null),
  };
  const cellOf = (stage: number, sample: number) =>
    firstCell(table, places[stage]!.stage, sample) + places[stage]!.run;
  for (const stage of manifest.stages.keys())
    for (let sample = 0; sample < samples; sample++) table.status[cellOf(stage, sample)] = TRIAL.completed;
  const plan = planStages(manifest.stages, manifest.analysis.contrasts);
  const stages = describeStages(manifest.stages, plan);
  const settings: MeasureSettings = {
    ...{ manifest, plan, asWritten: true, headlineRater: manifest.raters[0]!.id },
    ...{ margin: undefined, bootstrap: 0, seed: 1, look: undefined, flipped: undefined },
    designOf: () => undefined,
  };
  return (valueAt) => {
    const columns = measures.map((measure, place): RatingColumn => {
      const values = new Float64Array(cells).fill(Number.NaN);
      const status = new Uint8Array(cells);
      for (const stage of manifest.stages.keys()) {
        for (let sample = 0; sample < samples; sample++) {
          const cell = cellOf(stage, sample);
          values[cell] = valueAt(stage, sample, place);
          status[cell] = Number.isNaN(values[cell]) ? RATING.unparsed : RATING.rated;
        }
      }
      return {
        ...{ table, measure, rater: manifest.raters[0]!, values, status },
        versions: [new Int32Array(cells)],
      };
    });
    return judgedMeasures(
      { tables: [table], columns, blocks: [table.info.id], stages, declaredRater: false },
      settings,
    );
  };
}

// What each kind of distribution is, in one table; nothing elsewhere asks which kind it has. Runs inside workflow code.
import type { Json } from '../plan.ts';
import {
  type Argument,
  type ArgumentProblem,
  aboveZero,
  bounds,
  type Check,
  exponent,
  exponentsMeant,
  logNormalFits,
  mu,
  none,
  number,
  positive,
  probabilities,
  q,
  sigma,
  steppedBounds,
  values,
  weighted,
  whole,
} from './arguments.ts';
import { betaLine, gaussian, logGaussian, logUniform, uniform } from './lines.ts';
import type { Distribution } from './types.ts';
import { chosen, clamp, continuous, stepped, type Values, type Ways, wholeNumbers } from './ways.ts';

export type Kind = Distribution['kind'];

interface Behaviour<D> extends Ways<D> {
  arguments: Record<string, Argument>;
  problems: Check<D>;
  /** What is allowed and probably not meant. */
  hint?: (distribution: D) => string | null;
}

type Bounds = { min: number; max: number };
type Normal = { mu: number; sigma: number };
type Beta = { a: number; b: number };
const uniformOf = ({ min, max }: Bounds) => uniform(min, max);
const logUniformOf = ({ min, max }: Bounds) => logUniform(min, max);
const exponentialOf = ({ min, max }: Bounds) => logUniform(Math.exp(min), Math.exp(max));
const inverseOf = ({ min, max }: Bounds) => logUniform(Math.exp(-max), Math.exp(-min));
const gaussianOf = ({ mu, sigma }: Normal) => gaussian(mu, sigma);
const logGaussianOf = ({ mu, sigma }: Normal) => logGaussian(mu, sigma);
const betaOf = ({ a, b }: Beta) => betaLine(a, b);

const unbounded = { bounded: false };
const KINDS: { [K in Kind]: Behaviour<Distribution & { kind: K }> } = {
  constant: {
    arguments: { value: { expected: 'a value', fits: () => true } },
    problems: none,
    ...chosen(({ value }) => ({ values: [value] })),
  },
  categorical: { arguments: { values }, problems: none, ...chosen(({ values }) => ({ values })) },
  categorical_w_probabilities: {
    arguments: { values, probabilities },
    problems: weighted,
    ...chosen(({ values, probabilities }) => ({ values, weights: probabilities }), { inGrid: false }),
  },
  int_uniform: { arguments: { min: whole, max: whole }, problems: bounds, ...wholeNumbers },
  uniform: { arguments: { min: number, max: number }, problems: bounds, ...continuous(uniformOf) },
  q_uniform: {
    arguments: { min: number, max: number, q },
    problems: steppedBounds(uniformOf),
    ...stepped(uniformOf, { inGrid: true }),
  },
  log_uniform: {
    arguments: { min: exponent, max: exponent },
    problems: bounds,
    hint: exponentsMeant,
    ...continuous(exponentialOf),
  },
  log_uniform_values: {
    arguments: { min: aboveZero, max: aboveZero },
    problems: bounds,
    ...continuous(logUniformOf),
  },
  inv_log_uniform: {
    arguments: { min: exponent, max: exponent },
    problems: bounds,
    hint: exponentsMeant,
    ...continuous(inverseOf),
  },
  inv_log_uniform_values: {
    arguments: { min: aboveZero, max: aboveZero },
    problems: bounds,
    ...continuous(logUniformOf),
  },
  q_log_uniform: {
    arguments: { min: exponent, max: exponent, q },
    problems: steppedBounds(exponentialOf),
    hint: exponentsMeant,
    ...stepped(exponentialOf),
  },
  q_log_uniform_values: {
    arguments: { min: aboveZero, max: aboveZero, q },
    problems: steppedBounds(logUniformOf),
    ...stepped(logUniformOf),
  },
  normal: { arguments: { mu, sigma }, problems: none, ...continuous(gaussianOf, unbounded) },
  q_normal: { arguments: { mu, sigma, q }, problems: none, ...stepped(gaussianOf, unbounded) },
  log_normal: { arguments: { mu, sigma }, problems: logNormalFits, ...continuous(logGaussianOf, unbounded) },
  q_log_normal: { arguments: { mu, sigma, q }, problems: logNormalFits, ...stepped(logGaussianOf, unbounded) },
  beta: { arguments: { a: positive(1), b: positive(1) }, problems: none, ...continuous(betaOf) },
  q_beta: {
    arguments: { a: positive(1), b: positive(1), q },
    problems: none,
    ...stepped(betaOf),
  },
};

/** Names of all distributions. */
export const DISTRIBUTIONS = Object.keys(KINDS) as Kind[];

/** Each kind's own functions take its own distributions, which TypeScript cannot follow through the table. */
function behaviourOf<D extends Distribution>({ kind }: D): Behaviour<Distribution> {
  return KINDS[kind] as unknown as Behaviour<Distribution>;
}

/** The arguments that a kind takes. */
export const argumentsOf = (kind: Kind): Record<string, Argument> => KINDS[kind].arguments;
/** What is wrong with a distribution whose arguments are each right. */
export const problemsOf = (distribution: Distribution): ArgumentProblem[] =>
  behaviourOf(distribution).problems(distribution);
/** What is probably not meant, though right. */
export const hintOf = (distribution: Distribution): string | null =>
  behaviourOf(distribution).hint?.(distribution) ?? null;
/** The value at `u` of [0, 1]: the inverse of the cumulative distribution function, rounded where the distribution is. */
export const fromUnit = (distribution: Distribution, u: number): Json =>
  behaviourOf(distribution).fromUnit(distribution, clamp(u, 0, 1));
/** Where on [0, 1] a value is; of all that `fromUnit` makes the same value, the middle. */
export const toUnit = (distribution: Distribution, value: Json): number =>
  behaviourOf(distribution).toUnit(distribution, value);
/** What is wrong with a value that was given by hand; null where it could have been drawn. */
export const problemOf = (distribution: Distribution, value: Json): string | null =>
  behaviourOf(distribution).problemOf(distribution, value);
/** The values of a choice, which have no order; null: the distribution is a line. */
export const choicesOf = (distribution: Distribution): Values | null => behaviourOf(distribution).choices(distribution);
/** The values that a grid has, each once; null: it cannot be enumerated. */
export const gridOf = (distribution: Distribution): Values | null => behaviourOf(distribution).grid(distribution);
/** Where on [0, 1] to look at the ends of a line: its bounds, or of one without, what one draw of fifty goes beyond. */
export const endsOf = (distribution: Distribution): [number, number] => behaviourOf(distribution).ends;

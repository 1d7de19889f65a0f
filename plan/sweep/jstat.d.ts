/** What we use of jStat, which has no types of its own. */
declare module 'jstat' {
  const library: {
    jStat: {
      normal: { inv(p: number, mean: number, std: number): number; cdf(x: number, mean: number, std: number): number };
      studentt: { inv(p: number, df: number): number };
      beta: { inv(p: number, a: number, b: number): number; cdf(x: number, a: number, b: number): number };
    };
  };
  export default library;
}

/** What `npm run quick` ends with where the sources do not compile; a test that fails gives the runner's own code. */
export const EXIT_BUILD = 3;
/** What it ends with where its arguments are wrong. */
export const EXIT_USAGE = 2;

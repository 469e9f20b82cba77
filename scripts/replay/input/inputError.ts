/** A mistake of the user's: its message is one line that says what is wrong, where, and what to do. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Reads an ARM template expression, "concat('a', parameters('b')).c[0]", into a tree. */

export type Expression =
  | { readonly is: "literal"; readonly value: string | number }
  | { readonly is: "call"; readonly name: string; readonly given: readonly Expression[] }
  | { readonly is: "member"; readonly of: Expression; readonly at: Expression };

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_][\w-]*)|([()[\],.]))/y;

type Token =
  | { readonly kind: "text" | "name" | "sign"; readonly text: string }
  | { readonly kind: "number"; readonly text: string };

function tokens(code: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < code.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(code);
    if (!match) {
      if (code.slice(from).trim() === "") break;
      throw new SyntaxError(`cannot read "${code.slice(from, from + 20)}" in ${code}`);
    }
    const [, text, number, name, sign] = match;
    if (text !== undefined) found.push({ kind: "text", text: text.replaceAll("''", "'") });
    else if (number !== undefined) found.push({ kind: "number", text: number });
    else if (name !== undefined) found.push({ kind: "name", text: name });
    else found.push({ kind: "sign", text: sign ?? "" });
  }
  return found;
}

/** @throws SyntaxError with the expression */
export function parseExpression(code: string): Expression {
  const left = tokens(code);
  const isNext = (sign: string) => left[0]?.kind === "sign" && left[0].text === sign;
  const take = (sign: string) => {
    if (!isNext(sign)) throw new SyntaxError(`"${sign}" is missing before "${left[0]?.text ?? "the end"}" in ${code}`);
    left.shift();
  };
  const given = (): readonly Expression[] => {
    const all: Expression[] = [];
    take("(");
    while (!isNext(")")) {
      if (all.length > 0) take(",");
      all.push(whole());
    }
    take(")");
    return all;
  };
  const first = (): Expression => {
    const token = left.shift();
    if (token?.kind === "text") return { is: "literal", value: token.text };
    if (token?.kind === "number") return { is: "literal", value: Number(token.text) };
    if (token?.kind === "name") return { is: "call", name: token.text, given: given() };
    throw new SyntaxError(`unexpected "${token?.text ?? "end"}" in ${code}`);
  };
  const whole = (): Expression => {
    let tree = first();
    while (isNext(".") || isNext("[")) {
      if (left.shift()?.text === ".") {
        tree = { is: "member", of: tree, at: { is: "literal", value: left.shift()?.text ?? "" } };
      } else {
        tree = { is: "member", of: tree, at: whole() };
        take("]");
      }
    }
    return tree;
  };
  const tree = whole();
  if (left.length > 0) throw new SyntaxError(`"${left[0]?.text}" is too much in ${code}`);
  return tree;
}

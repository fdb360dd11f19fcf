"""Outputs of motcl --json against the schema that is shipped: schema.py SCHEMA FOLDER.

In FOLDER, N.out is what was printed, N.says the exit status and the words. A member that the schema does not name
is a mistake here, though a program must be ready for more.
"""
import glob
import json
import os
import sys

import jsonschema


def strict(node):
    """The schema without leave for members that it does not name."""
    if isinstance(node, list):
        return [strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: value if key in ("if", "then", "else") else strict(value) for key, value in node.items()}
    if node.get("type") == "object" and "properties" in node:
        made.setdefault("additionalProperties", False)
    return made


def once(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a member twice: {keys}"
    return dict(pairs)


def main(schema_file, folder):
    with open(schema_file, encoding="utf-8") as f:
        schema = json.load(f)
    # an older jsonschema does not know the draft that is named; nothing here needs it
    check = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    check.check_schema(schema)
    kinds = {ref["$ref"].rsplit("/", 1)[1]: 0 for ref in schema["anyOf"]}
    shut = strict(schema)
    failed = 0
    for name in sorted(glob.glob(os.path.join(folder, "*.out"))):
        with open(name[:-4] + ".says", encoding="utf-8", errors="replace") as f:
            status, words = f.read().split(" ", 1)
        with open(name, encoding="utf-8") as f:
            text = f.read()
        lines = text.splitlines() if words.startswith("chat") or "--prompts" in words else [text]
        try:
            found = [json.loads(line, object_pairs_hook=once) for line in lines]
            assert found, "nothing was printed"
            assert all(isinstance(each, dict) for each in found), "no object"
            for each in found:
                jsonschema.Draft202012Validator(schema).validate(each)
                fits = [kind for kind in kinds
                        if check({"$ref": "#/$defs/" + kind, "$defs": shut["$defs"]}).is_valid(each)]
                assert fits, f"a member that the schema does not name: {each}"
                for kind in fits:
                    kinds[kind] += 1
            if not words.startswith("chat"):
                assert found[-1]["status"] == int(status), "not the exit status"
            assert ("error" in found[-1]) == (int(status) != 0), "an error where there is none, or none where one is"
        except (AssertionError, ValueError, jsonschema.ValidationError) as why:
            failed += 1
            print(f"motcl {words.strip()}\n  {str(why)[:1000]}\n  {text[:500]}")
    for kind, seen in kinds.items():
        if not seen:
            failed += 1
            print(f"nothing of the kind '{kind}' was printed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Whether documents are what they say: judge.py spdx|cyclonedx|provenance FILE..."""

import json
import sys


def spdx(path):
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    document = parse_file(path)
    return [message.validation_message for message in validate_full_spdx_document(document)]


def cyclonedx(path):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from packageurl import PackageURL

    with open(path) as file:
        text = file.read()
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    faults = [str(error)] if error else []

    def walk(component):
        purl = component.get("purl")
        if purl and PackageURL.from_string(purl).to_string() != purl:
            faults.append(f"not the canonical form: {purl}")
        for inner in component.get("components", []):
            walk(inner)

    document = json.loads(text)
    walk(document["metadata"]["component"])
    walk(document)
    return faults


def main(kind, paths):
    judge = {"spdx": spdx, "cyclonedx": cyclonedx}[kind]
    faults = [f"{path}: {fault}" for path in paths for fault in judge(path)]
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

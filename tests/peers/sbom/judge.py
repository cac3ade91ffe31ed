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


def provenance(path):
    """One statement a line. Parsers of protocol buffers refuse unknown fields."""
    from google.protobuf import json_format
    from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
    from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
    from in_toto_attestation.v1.statement import Statement
    from in_toto_attestation.v1 import statement_pb2

    faults = []
    with open(path) as file:
        lines = file.read().splitlines()
    for line in lines:
        try:
            statement = json_format.Parse(line, statement_pb2.Statement())
            Statement.copy_from_pb(statement).validate()
            predicate = json.dumps(json.loads(line)["predicate"])
            parsed = json_format.Parse(predicate, provenance_pb2.Provenance())
            for one in parsed.build_definition.resolved_dependencies:
                ResourceDescriptor.copy_from_pb(one).validate()
            for wanted in (
                parsed.build_definition.build_type,
                parsed.run_details.builder.id,
                statement.predicate_type == "https://slsa.dev/provenance/v1",
            ):
                if not wanted:
                    faults.append("something is missing that SLSA requires")
        except (ValueError, json_format.ParseError) as error:
            faults.append(str(error))
    return faults or ([] if lines else ["nothing is in it"])


def main(kind, paths):
    judge = {"spdx": spdx, "cyclonedx": cyclonedx, "provenance": provenance}[kind]
    faults = [f"{path}: {fault}" for path in paths for fault in judge(path)]
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

"""Mooring keeps models from drifting: train, release and monitor them by commits.

The library, along the loop:

    conf → params   config/ the schema of conf/ · composition/ compose, consistency, adoption, option files
    stages          graph/ dvc.yaml, code, cache, objects · data/ with engines/ and sources/ · features/ ·
                    models/ training and compiling · search/ · metrics/ · evaluation/ with the gate
    bento           bento/ the model, schema and build for serving · serving/ the server: http/ → scoring/ →
                    recording/ → reading/, and telemetry/
    release         release/ the pins of an environment, the champion
    cluster         manifests/ the Kubernetes manifests below argo/
    profiles        records/ the store: log, labels, snapshots · profiles/ whylogs · replay/ with traffic/
    report          drift/, outcomes/, ab/ statistics only · evidence/ gather, hash · diagnosis/ evidence →
                    report · reports/ with kit/, training/, drift/ · alerts/ gauges, messages, sending/
    everywhere      errors, files, git, days, machine/ process, parent, progress, durability
    doors           cli, commands/, option_types, doctor
"""

__version__ = "0.1.0"

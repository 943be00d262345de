"""Mooring: a release is one commit, from the query to the served prediction.

The library, along the loop:

    conf → params   config/ what conf/ may say · composition/ compose, consistency, adoption, option files
    stages          graph/ dvc.yaml, code, cache, objects · data/ with engines/ and sources/ · features/ ·
                    models/ training and compiling · search/ · metrics/ · evaluation/ with the gate
    bento           bento/ what training hands to serving · serving/ what answers: http/ → scoring/ →
                    recording/ → reading/, and telemetry/
    release         release/ what an environment pins, the champion
    cluster         manifests/ what lies below argo/
    profiles        records/ the store: log, labels, snapshots · profiles/ whylogs · replay/ with traffic/
    report          drift/, outcomes/, ab/ statistics only · evidence/ gather, hash · diagnosis/ evidence →
                    report · reports/ with kit/, training/, drift/ · alerts/ gauges, messages, sending/
    everywhere      errors, files, git, days, machine/ process, parent, progress, durability
    doors           cli, commands/, option_types, doctor
"""

__version__ = "0.1.0"

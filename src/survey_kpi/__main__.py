"""`python -m survey_kpi` is the command `survey-kpi`."""

from survey_kpi.cli import main

if __name__ == "__main__":
    main()

-- One row per patient.
select
  id,
  progression,
  age,
  cast(cast(sex as integer) as varchar) as sex,
  bmi,
  bp,
  s1,
  s2,
  s3,
  s4,
  s5,
  s6
from diabetes

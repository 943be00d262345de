-- One row per airport and hour, asked about when the hour has ended. The answer is in the record of
-- the hour that follows; where that record is missing, so is the answer.
with hours as (
  select
    *,
    time_hour at time zone 'UTC' as hour_start,
    lead(time_hour) over following as next_hour,
    lead(precip) over following as next_precip
  from weather
  window following as (partition by origin order by time_hour)
)
select
  origin || '-' || strftime(hour_start, '%Y%m%dT%H') as reading_key,
  hour_start + interval 1 hour as asked_at,
  case
    when next_hour = time_hour + interval 1 hour then case when next_precip > 0 then 1 when next_precip = 0 then 0 end
  end as rain,
  origin,
  hour,
  temp,
  dewp,
  humid,
  wind_dir,
  -- one reading of 1,048 mph (Newark, 2013-02-12) is a broken sensor
  case when wind_speed < 200 then wind_speed end as wind_speed,
  precip,
  pressure,
  visib
from hours
